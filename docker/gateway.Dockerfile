# 省级网关: the gateway alone; settings are mounted at /etc/duijie, keys live in /var/lib/duijie.
# Build from the root of the project: docker build -f docker/gateway.Dockerfile .
# Behind a slow line, name a mirror: --build-arg PIP_INDEX_URL=...

FROM python:3.12-slim AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/duijie
COPY requirements.lock ./
RUN /opt/duijie/bin/pip install --quiet --require-hashes -r requirements.lock
COPY . .
RUN /opt/duijie/bin/pip install --quiet --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin duijie \
    && install -d -o duijie -g duijie -m 0700 /var/lib/duijie /run/duijie
COPY --from=build /opt/duijie /opt/duijie
ENV PATH=/opt/duijie/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER duijie
WORKDIR /var/lib/duijie
EXPOSE 8080 8081
CMD ["duijie", "gateway", "serve", "--config", "/etc/duijie/gateway.toml"]
