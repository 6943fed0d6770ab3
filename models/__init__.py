"""Where weights are found, loaded once a process, and what their licences allow."""
