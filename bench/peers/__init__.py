"""The same work on other servers, each as one would write it there."""
