"""自检的各项 (checks): what `duijie doctor` looks at, beside what it does itself."""
