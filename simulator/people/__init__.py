"""模拟申请人群: who applies: invented people, plausible and evidently not real."""
