"""展示: an application's journey as a person follows it: on a terminal, or as plain lines."""
