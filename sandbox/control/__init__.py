"""Moving the sandbox about from outside: data, time, faults, switches, and a record of what was asked."""
