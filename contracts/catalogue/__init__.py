"""目录: what is true of the contract: records, fields, operations, errors, requirements."""
