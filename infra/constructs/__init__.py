"""One construct per noun; each takes values (a tool.json, a Deployment) and makes the resources of one such thing."""
