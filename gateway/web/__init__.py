"""What the gateway serves: to agencies (`agency_api`), people (`console_api`), `health_api`.

Every request passes `middleware`, which proves who is calling and turns errors into problem
bodies; handlers read, call one flow, answer. Slow or surplus connections are cut by `doorkeeper`.
"""
