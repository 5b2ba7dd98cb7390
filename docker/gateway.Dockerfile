# 省级网关: the gateway alone; settings are mounted at /etc/duijie, keys live in /run/duijie.
# Build from the root of the project: docker build -f docker/gateway.Dockerfile .
# Behind a slow line, name a mirror: --build-arg PIP_INDEX_URL=...

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/duijie
COPY requirements.lock ./
RUN /opt/duijie/bin/pip install --quiet --require-hashes -r requirements.lock
COPY . .
RUN /opt/duijie/bin/pip install --quiet --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin duijie \
    && install -d -o duijie -g duijie -m 0700 /var/lib/duijie /run/duijie \
        /secrets/gateway /secrets/simulator /secrets/database
COPY --from=build /opt/duijie /opt/duijie
ENV PATH=/opt/duijie/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER duijie
WORKDIR /var/lib/duijie
EXPOSE 8080 8081
CMD ["duijie", "gateway", "serve", "--config", "/etc/duijie/gateway.toml"]
