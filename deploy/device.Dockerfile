# A device that watches machines. Build it in the root of the repository, after "npm run pack:device":
#   docker build -f deploy/device.Dockerfile -t spikewire-device .
#   docker run --network host -v device:/data -v ./agent.json:/agent.json:ro spikewire-device \
#     --repository https://models.example/site --root /data/root.json --config /agent.json
FROM node:24-slim
WORKDIR /app
COPY pack/spikewire-[0-9]*.tgz ./
RUN npm install --offline --ignore-scripts ./spikewire-[0-9]*.tgz \
  && rm -f ./spikewire-[0-9]*.tgz \
  && mkdir /data && chown node:node /data
USER node
VOLUME /data
ENTRYPOINT ["npx", "--no-install", "spikewire", "agent", "--folder", "/data/agent"]
