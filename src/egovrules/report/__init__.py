"""Views of an evaluation: what is said is decided apart from how it is printed."""
