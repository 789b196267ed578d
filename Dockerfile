# A small image: the command, what it links to, and nothing else. Works as any user; CAP_NET_RAW is a file capability that
# is permitted, not effective, so that the program starts where the capability is withheld, and measures by connect().
#
#   docker build -t synprobe .
#   docker build -t synprobe:why --build-arg WHY=1 .     with what --why needs
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG BASE_IMAGE=debian:bookworm-slim
ARG RUN_IMAGE=scratch
# Another image with a /program that was built before, where several flavours are made of one build.
ARG PROGRAM_IMAGE=build

FROM ${BUILD_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends libpcap-dev libyaml-dev libsqlite3-dev libbpf-dev pkg-config
WORKDIR /src
COPY scripts/build scripts/install scripts/release scripts/release.ld scripts/synprobe.ld scripts/sbom scripts/
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
# The linker's build ID is also one of what is stripped off, which is not the same twice.
RUN scripts/build \
 && install -D -s -m 755 .build/release/synprobe /program/synprobe \
 && objcopy --remove-section .note.gnu.build-id /program/synprobe \
 && scripts/sbom linked >/program/linked

FROM ${PROGRAM_IMAGE} AS program

FROM ${BASE_IMAGE} AS root
ARG WHY=
ARG CREATED=
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpcap0.8 libyaml-0-2 libsqlite3-0 libstdc++6 libcap2-bin ${WHY:+libbpf1}
COPY --from=program /program/synprobe /image/usr/local/bin/synprobe
COPY --from=program /program/linked /
COPY scripts/sbom /
COPY LICENSE /image/usr/share/doc/synprobe/LICENSE
# What the program links to, and libbpf, which it loads itself, with the licences of the packages that they come from.
RUN set -eu; program=/image/usr/local/bin/synprobe; \
    bpf=${WHY:+$(ldconfig -p | grep -oE '/[^ ]+libbpf.so.1$')}; \
    for library in $bpf $(ldd "$program" $bpf | grep -oE '/[^ :]+' | grep -v '^/image' | sort -u); do \
      cp -L --parents "$library" /image; \
      package=$(dpkg -S "$(readlink -f "$library")" "$library" 2>/dev/null | head -n 1 | cut -d: -f1); \
      cp --parents "/usr/share/doc/$package/copyright" /image; \
    done; \
    for name in hping3 tcpping; do ln -s synprobe "/image/usr/local/bin/$name"; done; \
    mkdir -p /image/etc /image/proc /image/sys /image/dev; \
    echo 'synprobe:x:65532:65532:synprobe:/:/nonexistent' >/image/etc/passwd; \
    echo 'synprobe:x:65532:' >/image/etc/group; \
    echo 'hosts: files dns' >/image/etc/nsswitch.conf; \
    /sbom document /image /linked "${CREATED:-$(date -u +%FT%TZ)}" >/sbom.spdx.json; \
    mv /sbom.spdx.json /image/usr/share/doc/synprobe/; \
    setcap "cap_net_raw${WHY:+,cap_bpf,cap_perfmon,cap_syslog}+p" "$program"

FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="synprobe" \
      org.opencontainers.image.description="TCP handshake latency by raw SYN segments, split into egress, network and ingress" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=root /image/ /
USER 65532:65532
EXPOSE 9115
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=2s CMD ["/usr/local/bin/synprobe", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/synprobe"]
