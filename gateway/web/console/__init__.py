"""工作台: the console's pages for people, and the words they are shown in."""
