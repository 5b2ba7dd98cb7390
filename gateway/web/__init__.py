"""What the gateway serves: to agencies (`agency_api`), people (`console`), `health_api`.

Every request passes `request_pipeline`, which proves who is calling and turns errors into problem
bodies; a handler reads, calls one flow and answers. `connection_limiter` cuts slow and surplus
connections.
"""
