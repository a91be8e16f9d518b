"""The HTTP API under `/api/`: management with JSON and bearer tokens (spec/openapi.yaml).

`doors` says who may come in, `calls` what they bring, `objects` reads the JSON of it;
each other module holds what is behind some addresses.
"""
