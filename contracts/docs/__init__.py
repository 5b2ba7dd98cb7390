"""接口约定页 (docs): the contract on one page that a person reads offline, nothing fetched."""
