"""What every call keeps to, whoever serves it: its headers, query and body, and the refusal."""
