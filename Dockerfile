# RTSP Viewer in one image: the gateway and FFmpeg, run as an ordinary user. fakecam is inside for the demo profile of
# docker-compose.yml.

FROM node:24-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm install --global npm@11 && npm ci --no-audit --no-fund
COPY web/ ./
COPY signaling/testdata/ ../signaling/testdata/
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist/ web/dist/
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/ ./cmd/rtsp-viewer ./cmd/fakecam

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates ffmpeg tini tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/rtsp-viewer rtsp-viewer \
 && install -d -o rtsp-viewer -g rtsp-viewer -m 0700 /data
COPY --from=build /out/ /usr/local/bin/
USER rtsp-viewer
ENV RTSP_VIEWER_DATA_DIR=/data
VOLUME /data
EXPOSE 8080/tcp 8189/udp 8189/tcp
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s CMD ["rtsp-viewer", "healthcheck"]
# tini reaps FFmpeg's orphans, should the gateway be killed.
ENTRYPOINT ["tini", "--", "rtsp-viewer"]
CMD ["serve"]
