"""The catalogues of messages: what the code says to people, and its translations."""
