"""A town leaves with all its data in one file, and another installation takes it in whole.

    errors       what cannot be done, and what to do instead
    envelope     the file itself: sealed with a passphrase, in the open format of age
    archive      what is inside of it: a tar of tables, folders, and what is said of them
    tables       which rows are a town's, in which order they go, how they are written and read
    folders      which files are a town's
    leaving      from here into a file
    arriving     from a file to here

docs/many-towns.md says how it is used, docs/decisions/one-file-for-a-town.md why it is so.
"""
