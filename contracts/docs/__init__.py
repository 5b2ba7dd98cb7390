"""契约页 (docs): the whole contract on one page that a person reads offline, nothing fetched."""
