"""模拟申请人群: invented people who apply, plausible and evidently not real."""
