"""发布: how the contract is written: JSON Schemas, OpenAPI, examples, signature vectors."""
