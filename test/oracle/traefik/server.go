package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"net"
	"slices"
	"strings"
	_ "unsafe"

	"github.com/traefik/paerser/flag"
	"github.com/traefik/traefik/v3/cmd"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/config/runtime"
	"github.com/traefik/traefik/v3/pkg/config/static"
	"github.com/traefik/traefik/v3/pkg/observability/metrics"
	internal "github.com/traefik/traefik/v3/pkg/provider/traefik"
	"github.com/traefik/traefik/v3/pkg/proxy/httputil"
	"github.com/traefik/traefik/v3/pkg/safe"
	"github.com/traefik/traefik/v3/pkg/server"
	"github.com/traefik/traefik/v3/pkg/server/middleware"
	"github.com/traefik/traefik/v3/pkg/server/service"
	"github.com/traefik/traefik/v3/pkg/tcp"
	traefiktls "github.com/traefik/traefik/v3/pkg/tls"
	"github.com/traefik/traefik/v3/pkg/types"
)

// traefik is the whole of it as cmd/traefik/traefik.go (`setupServer`) puts it together, on ports of the loopback. Only
// what it sends to its backends stays here: see recorder.
type traefik struct {
	static *static.Configuration
	// told is the same, with the ports that its arguments name: redirects say them.
	told      *static.Configuration
	tls       *traefiktls.Manager
	transport *service.TransportManager
	proxies   *httputil.ProxyBuilder
	dialers   *tcp.DialerManager
	factory   *server.RouterFactory
	entries   server.TCPEntryPoints
	// ports are where its entry points listen, by the ports that its arguments name.
	ports map[string]string
}

var started = map[string]*traefik{}

// traefikWith is a Traefik with these arguments, started when it is first asked for.
func traefikWith(args []string) (*traefik, error) {
	key := strings.Join(args, "\n")
	if t := started[key]; t != nil {
		return t, nil
	}
	config := &cmd.NewTraefikConfiguration().Configuration
	if err := flag.Decode(args, config); err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	config.SetEffectiveConfiguration()
	told := *config
	told.EntryPoints = maps.Clone(config.EntryPoints)
	t := &traefik{static: config, told: &told, ports: map[string]string{}}
	for name, entry := range config.EntryPoints {
		_, port, err := net.SplitHostPort(entry.GetAddress())
		if err != nil {
			return nil, fmt.Errorf("entry point %s: %w", name, err)
		}
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		t.ports[port] = free.Addr().String()
		_ = free.Close()
		copied := *entry
		copied.Address = t.ports[port]
		config.EntryPoints[name] = &copied
	}
	registry := metrics.NewMultiRegistry(nil)
	pool := safe.NewPool(context.Background())
	observed := middleware.NewObservabilityMgr(*config, registry, nil, nil, nil, nil)
	t.tls = traefiktls.NewManager(nil)
	t.transport = service.NewTransportManager(nil)
	t.proxies = httputil.NewProxyBuilder(recorder{t.transport}, nil)
	t.dialers = tcp.NewDialerManager(nil)
	managers := service.NewManagerFactory(*config, pool, observed, t.transport, t.proxies, nil, t.tls)
	var err error
	if t.factory, err = server.NewRouterFactory(*config, managers, t.tls, observed, nil, t.dialers); err != nil {
		return nil, err
	}
	if t.entries, err = server.NewTCPEntryPoints(config.EntryPoints, config.HostResolver, registry); err != nil {
		return nil, err
	}
	t.entries.Start()
	started[key] = t
	return t, nil
}

// load does what pkg/server/configurationwatcher.go (`applyConfigurations`) and the listeners of `setupServer` do with
// a new configuration.
func (t *traefik) load(found cluster) error {
	configurations, err := t.provided(found)
	if err != nil {
		return err
	}
	conf := applyModel(mergeConfiguration(configurations, defaultEntryPoints(t.static)))
	conf.HTTP.Routers = resolveHTTPTLSOptions(conf.HTTP.Routers, t.static.Core != nil && t.static.Core.StrictTLSOptions)
	// Else a key is made for each, which takes most of the time.
	t.certificate(conf.TLS.Stores)
	t.tls.UpdateConfigs(context.Background(), conf.TLS.Stores, conf.TLS.Options, conf.TLS.Certificates)
	t.transport.Update(conf.HTTP.ServersTransports)
	t.proxies.Update(conf.HTTP.ServersTransports)
	t.dialers.Update(conf.TCP.ServersTransports)
	routers, _ := t.factory.CreateRouters(runtime.NewConfig(conf))
	t.entries.Switch(routers)
	return nil
}

func (t *traefik) certificate(stores map[string]traefiktls.Store) {
	own := pair()
	stores[traefiktls.DefaultTLSStoreName] = traefiktls.Store{DefaultCertificate: &traefiktls.Certificate{
		CertFile: types.FileOrContent(own["tls.crt"]), KeyFile: types.FileOrContent(own["tls.key"]),
	}}
}

// provided is what each of its providers makes of the cluster.
func (t *traefik) provided(found cluster) (dynamic.Configurations, error) {
	messages := make(chan dynamic.Message, 1)
	if err := internal.New(*t.told).Provide(messages, nil); err != nil {
		return nil, err
	}
	own := <-messages
	configurations := dynamic.Configurations{own.ProviderName: own.Configuration}
	// The informers' stores are maps: an order by chance.
	rand.Shuffle(len(found.ingresses), func(i, j int) {
		found.ingresses[i], found.ingresses[j] = found.ingresses[j], found.ingresses[i]
	})
	if provider := t.static.Providers.KubernetesIngress; provider != nil {
		configurations["kubernetes"] = loadConfigurationFromIngresses(provider, context.Background(), found)
	}
	if provider := t.static.Providers.KubernetesGateway; provider != nil {
		made, err := fromGateways(provider, found)
		if err != nil {
			return nil, err
		}
		configurations["kubernetesgateway"] = made
	}
	return configurations.DeepCopy(), nil
}

// defaultEntryPoints is cmd/traefik/traefik.go's `getDefaultsEntrypoints`, which is in a main package.
func defaultEntryPoints(config *static.Configuration) []string {
	var flagged, all []string
	for name, entry := range config.EntryPoints {
		if entry.AsDefault {
			flagged = append(flagged, name)
		}
		if protocol, err := entry.GetProtocol(); err == nil && protocol != "udp" && name != static.DefaultInternalEntryPointName {
			all = append(all, name)
		}
	}
	if len(flagged) > 0 {
		all = slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(flagged, name) })
	}
	slices.Sort(all)
	return all
}

//go:linkname mergeConfiguration github.com/traefik/traefik/v3/pkg/server.mergeConfiguration
func mergeConfiguration(dynamic.Configurations, []string) dynamic.Configuration

//go:linkname applyModel github.com/traefik/traefik/v3/pkg/server.applyModel
func applyModel(dynamic.Configuration) dynamic.Configuration

//go:linkname resolveHTTPTLSOptions github.com/traefik/traefik/v3/pkg/server.resolveHTTPTLSOptions
func resolveHTTPTLSOptions(map[string]*dynamic.Router, bool) map[string]*dynamic.Router
