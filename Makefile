services:
	@.venv/bin/python scripts/services.py up
stop:
	@.venv/bin/python scripts/services.py down
