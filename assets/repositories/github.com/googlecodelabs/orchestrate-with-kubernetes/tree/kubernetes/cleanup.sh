#!/bin/bash
# Takes away what the lab made, as far as it is there.
kubectl delete pods healthy-monolith monolith secure-monolith --ignore-not-found
kubectl delete services monolith auth hello frontend --ignore-not-found
kubectl delete deployments auth hello hello-canary frontend --ignore-not-found
kubectl delete secrets tls-certs --ignore-not-found
kubectl delete configmaps nginx-proxy-conf nginx-frontend-conf --ignore-not-found
