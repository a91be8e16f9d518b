"""A skill that cannot be loaded: the management page says why."""

raise ValueError("<b>there is no kettle</b>")
