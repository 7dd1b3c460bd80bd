"""Model files to start from: `ccr verify --model FILE.py`. Each is complete and tested."""
