"""客户端: how the command line speaks to running programs."""
