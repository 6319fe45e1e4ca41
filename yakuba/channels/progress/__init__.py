"""Pages of the plan, of what it brought and of disparity, for everybody and for the desk."""
