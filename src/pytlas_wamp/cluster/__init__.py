"""One server out of many processes: gateways with the sockets, workers with the conversations."""
