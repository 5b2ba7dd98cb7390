"""客户端: clients of the programs that run."""
