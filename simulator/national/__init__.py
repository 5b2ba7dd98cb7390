"""全国统一服务入口, simulated: people who apply, the book of applications, results."""
