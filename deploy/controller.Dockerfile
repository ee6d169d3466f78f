# The controller of a fleet. Build it in the root of the repository, after "npm run pack:trainer":
#   docker build -f deploy/controller.Dockerfile -t spikewire-controller .
#   docker run -p 127.0.0.1:8080:8080 -v controller:/data -v ./site:/site:ro spikewire-controller
FROM node:24-slim
WORKDIR /app
COPY pack/spikewire-with-trainer-*.tgz ./
RUN npm install --ignore-scripts --omit=dev ./spikewire-with-trainer-*.tgz \
  && rm -f ./spikewire-with-trainer-*.tgz \
  && npm cache clean --force \
  && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# Other computers reach it through the port that "docker run -p" publishes: put a proxy with TLS before it.
ENTRYPOINT ["npx", "--no-install", "spikewire", "fleet", "serve", "--host", "0.0.0.0", "--folder", "/data"]
CMD ["--repository", "/site", "--root", "/site/metadata/1.root.json"]
