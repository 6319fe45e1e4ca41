"""Three old systems that a town leaves behind, each of another made-up vendor, as the files that they would hand over.

The people are those of the demo town. What a row means is known (`town`), how a vendor writes it too (`vendors`), and one row
in twenty is spoilt on purpose in one of 25 known ways (`kinds`), so that an import can be held to the truth.

    python -m yakuba.simulators.old_systems examples/legacy
"""
