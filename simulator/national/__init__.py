"""全国统一服务入口, played: people who apply, the book of applications, results."""
