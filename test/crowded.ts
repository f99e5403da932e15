/** 64 nodes, each to 6 controllers, each to 64 pods. */
export const crowded = `
kind: ClusterProfile
apiVersion: hoplens.dev/v1alpha1
metadata: { name: crowded }
spec: { nodes: { count: 64 } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller }
spec:
  replicas: 6
  selector: { matchLabels: { app: ingress } }
  template:
    metadata: { labels: { app: ingress } }
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.14.5
          ports: [{ containerPort: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: controller }
spec: { type: LoadBalancer, selector: { app: ingress }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 64
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`;
