# One image for every process: web (the default), worker, beat and manage.py commands.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 CRM_STATE_DIR=/data
RUN useradd --create-home --uid 1000 crm && install -d -o crm -g crm /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY . .
USER crm
VOLUME /data
EXPOSE 8000
# the web process alone answers; worker and beat switch it off in compose.yaml
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["sh", "-c", "python manage.py collectstatic --noinput -v0 && exec python -m gunicorn --config python:crm.serving crm.wsgi --bind 0.0.0.0:8000 --workers 2 --threads 4 --preload --no-control-socket"]
