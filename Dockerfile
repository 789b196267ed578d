ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends libpcap-dev pkg-config libcap2-bin
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product synprobe --static-swift-stdlib \
 && install -s -m 755 .build/release/synprobe /synprobe \
 && setcap cap_net_raw+p /synprobe

FROM ${RUN_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends libpcap0.8 libstdc++6 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /synprobe /usr/local/bin/synprobe
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/synprobe"]
