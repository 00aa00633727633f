# Portal and worker in one image: docker build -t webtrainer . && docker run -p 8080:8080 -v webtrainer:/data webtrainer
# For NVIDIA GPUs: docker build --build-arg TORCH_DEVICE=cuda . (not run on a GPU by us yet; see README).
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TORCH_DEVICE=cpu
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig appsettings.json ./
COPY src src
COPY wwwroot wwwroot
RUN dotnet publish src/WebTrainer.Portal -c Release -o /app \
 && dotnet publish src/WebTrainer.Worker -c Release -o /app/worker -p:TorchDevice=$TORCH_DEVICE

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap curl libgomp1 python3 util-linux && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
COPY models models
# The image's own user without rights; the volume is all it can write.
RUN mkdir /data && chown $APP_UID /data
USER $APP_UID
ENV WEBTRAINER_DATA=/data Urls=http://0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD curl -fsS http://127.0.0.1:8080/health || exit 1
ENTRYPOINT ["dotnet", "WebTrainer.Portal.dll"]
