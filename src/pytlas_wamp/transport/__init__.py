"""Between the network and the core: WebSocket, HTTP, the URL tree."""
