# The image of dbmmo: one program and the libraries of Debian that it needs. docs/image.md tells what is in it and how to build it.
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        g++ libnghttp2-dev libsimdjson-dev libssl-dev libyaml-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# For `dbmmo version`; the history is not part of the context.
ARG DBMMO_COMMIT=
RUN scripts/build-release /dbmmo

FROM ${DEBIAN_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        ca-certificates libgcc-s1 libnghttp2-14 libsimdjson14 libssl3 libstdc++6 libyaml-0-2 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
COPY --from=build --chmod=0755 /dbmmo /usr/local/bin/dbmmo
COPY LICENSE /usr/share/doc/dbmmo/copyright
ARG DBMMO_VERSION=
ARG DBMMO_COMMIT=
LABEL org.opencontainers.image.title="dbmmo" \
      org.opencontainers.image.description="Admission and conversion webhooks, and a worker, for MySQL databases on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${DBMMO_VERSION}" \
      org.opencontainers.image.revision="${DBMMO_COMMIT}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
# Nobody's number, so that runAsNonRoot can be checked by Kubernetes. It owns no file.
USER 65532:65532
EXPOSE 9443 8080
ENTRYPOINT ["/usr/local/bin/dbmmo"]
CMD ["serve"]
