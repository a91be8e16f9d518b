"""Makes `twistd pytlas` and `twist pytlas`; everything heavy is imported by tap."""

from twisted.application.service import ServiceMaker

pytlas = ServiceMaker(
    "pytlas-wamp", "pytlas_wamp.tap", "Serves pytlas assistants over a WebSocket.", "pytlas"
)
