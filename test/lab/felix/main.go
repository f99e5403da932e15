// Calico's own policy engine, for one node of the lab: Felix' calculation graph works out what the node's pods need,
// Felix' renderer makes chains and IP sets of it, and Felix' tables write them into the kernel. It runs within the
// node's network namespace, takes the cluster's objects as JSON on its standard input, and ends.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/projectcalico/calico/felix/calc"
	"github.com/projectcalico/calico/felix/config"
	"github.com/projectcalico/calico/felix/dataplane/common"
	"github.com/projectcalico/calico/felix/environment"
	"github.com/projectcalico/calico/felix/ipsets"
	"github.com/projectcalico/calico/felix/iptables"
	"github.com/projectcalico/calico/felix/logutils"
	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/felix/rules"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/api"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/conversion"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/syncersv1/updateprocessors"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/watchersyncer"
	"github.com/sirupsen/logrus"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

type cluster struct {
	Node       string                      `json:"node"`
	Namespaces []*core.Namespace           `json:"namespaces"`
	Pods       []*core.Pod                 `json:"pods"`
	Policies   []*networking.NetworkPolicy `json:"policies"`
	// The node's end of each pod's link, by namespace and name.
	Links    map[string]string `json:"links"`
	Families []uint8           `json:"families"`
}

// withDefaults gives a policy what the API server gives it; Calico reads what comes from there.
// Source: k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go, SetDefaults_NetworkPolicy, SetDefaults_NetworkPolicyPort.
func withDefaults(policy *networking.NetworkPolicy) {
	spec := &policy.Spec
	if len(spec.PolicyTypes) == 0 {
		spec.PolicyTypes = []networking.PolicyType{networking.PolicyTypeIngress}
		if len(spec.Egress) > 0 {
			spec.PolicyTypes = append(spec.PolicyTypes, networking.PolicyTypeEgress)
		}
	}
	withProtocols := func(ports []networking.NetworkPolicyPort) {
		for index := range ports {
			if ports[index].Protocol == nil {
				tcp := core.ProtocolTCP
				ports[index].Protocol = &tcp
			}
		}
	}
	for _, rule := range spec.Ingress {
		withProtocols(rule.Ports)
	}
	for _, rule := range spec.Egress {
		withProtocols(rule.Ports)
	}
}

func (c cluster) objects() (all []meta.Object) {
	for _, each := range c.Namespaces {
		all = append(all, each)
	}
	for _, each := range c.Pods {
		all = append(all, each)
	}
	for _, each := range c.Policies {
		all = append(all, each)
	}
	return all
}

// What the links' names begin with.
const linkPrefix = "v"

// updates is what Calico's syncer hands to Felix of the objects that it reads from the API server.
func updates(c cluster) ([]api.Update, error) {
	var made []api.Update
	converter := conversion.NewConverter()
	add := func(processor watchersyncer.SyncerUpdateProcessor, kvps ...*model.KVPair) error {
		for _, each := range kvps {
			processed, err := processor.Process(each)
			if err != nil {
				return err
			}
			for _, kvp := range processed {
				made = append(made, api.Update{KVPair: *kvp, UpdateType: api.UpdateTypeKVNew})
			}
		}
		return nil
	}
	for index, object := range c.objects() {
		// The API server gives each object one, and Calico asks for it.
		object.SetUID(types.UID(fmt.Sprintf("00000000-0000-0000-0000-%012d", index)))
	}
	profiles := updateprocessors.NewProfileUpdateProcessor()
	for _, namespace := range c.Namespaces {
		kvp, err := converter.NamespaceToProfile(namespace)
		if err == nil {
			err = add(profiles, kvp)
		}
		if err != nil {
			return nil, err
		}
	}
	policies := updateprocessors.NewNetworkPolicyUpdateProcessor()
	for _, policy := range c.Policies {
		withDefaults(policy)
		kvp, err := converter.K8sNetworkPolicyToCalico(policy)
		if err == nil {
			err = add(policies, kvp)
		}
		if err != nil {
			return nil, err
		}
	}
	endpoints := updateprocessors.NewWorkloadEndpointUpdateProcessor()
	for _, pod := range c.Pods {
		if !converter.IsReadyCalicoPod(pod) || conversion.IsFinished(pod) {
			continue
		}
		before := len(made)
		kvps, err := converter.PodToWorkloadEndpoints(pod)
		if err == nil {
			err = add(endpoints, kvps...)
		}
		if err != nil {
			return nil, err
		}
		for _, each := range made[before:] {
			if endpoint, ok := each.Value.(*model.WorkloadEndpoint); ok {
				endpoint.Name = c.Links[pod.Namespace+"/"+pod.Name]
			}
		}
	}
	return made, nil
}

func rendererConfig(felix *config.Config) rules.Config {
	return rules.Config{
		WorkloadIfacePrefixes: []string{linkPrefix},
		IPSetConfigV4:         ipSetConfig(4),
		IPSetConfigV6:         ipSetConfig(6),
		// As Felix hands out the bits of its default mask, 0xffff0000.
		IptablesMarkAccept:          0x10000,
		IptablesMarkPass:            0x20000,
		IptablesMarkScratch0:        0x40000,
		IptablesMarkScratch1:        0x80000,
		WireguardIptablesMark:       0x100000,
		IptablesMarkEndpoint:        0xffe00000,
		IptablesMarkNonCaliEndpoint: 0x200000,
		// What the shipped calico.yaml sets; Felix' own default drops.
		EndpointToHostAction:      "ACCEPT",
		IptablesFilterAllowAction: felix.IptablesFilterAllowAction,
		IptablesMangleAllowAction: felix.IptablesMangleAllowAction,
		IptablesFilterDenyAction:  felix.IptablesFilterDenyAction,
		FailsafeInboundHostPorts:  felix.FailsafeInboundHostPorts,
		FailsafeOutboundHostPorts: felix.FailsafeOutboundHostPorts,
		DisableConntrackInvalid:   felix.DisableConntrackInvalidCheck,
		ServiceLoopPrevention:     felix.ServiceLoopPrevention,
		VXLANPort:                 felix.VXLANPort,
		VXLANVNI:                  felix.VXLANVNI,
	}
}

func ipSetConfig(version uint8) *ipsets.IPVersionConfig {
	family := ipsets.IPFamilyV4
	if version == 6 {
		family = ipsets.IPFamilyV6
	}
	return ipsets.NewIPVersionConfig(family, rules.IPSetNamePrefix, rules.AllHistoricIPSetNamePrefixes, nil)
}

// What the calculation graph says, gathered for the renderer.
type state struct {
	messages  []any
	endpoints map[proto.WorkloadEndpointID]*proto.WorkloadEndpoint
}

func calculate(felix *config.Config, all []api.Update) state {
	found := state{endpoints: map[proto.WorkloadEndpointID]*proto.WorkloadEndpoint{}}
	sequencer := calc.NewEventSequencer(felix)
	sequencer.Callback = func(message any) {
		found.messages = append(found.messages, message)
		if update, ok := message.(*proto.WorkloadEndpointUpdate); ok {
			found.endpoints[*update.Id] = update.Endpoint
		}
	}
	graph := calc.NewCalculationGraph(sequencer, felix, func() {})
	graph.AllUpdDispatcher.OnUpdates(all)
	graph.AllUpdDispatcher.OnDatamodelStatus(api.InSync)
	graph.Flush()
	sequencer.Flush()
	return found
}

func groups(names []string, direction rules.PolicyDirection) []*rules.PolicyGroup {
	var made []*rules.PolicyGroup
	for _, name := range names {
		made = append(made, &rules.PolicyGroup{Tier: "default", Direction: direction, PolicyNames: []string{name}})
	}
	return made
}

type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

var _ sync.Locker = noLock{}

// write is what Felix' internal dataplane and its managers do with the graph's messages, for one family.
func write(found state, renderer rules.RuleRenderer, version uint8, recorder logutils.OpRecorder) {
	sets := ipsets.NewIPSets(ipSetConfig(version), recorder)
	setsManager := common.NewIPSetsManager("lab", sets, 1<<20)
	table := iptables.NewTable("filter", version, rules.RuleHashPrefix, noLock{},
		environment.NewFeatureDetector(nil),
		iptables.TableOptions{
			HistoricChainPrefixes: rules.AllHistoricChainNamePrefixes,
			InsertMode:            "insert",
			BackendMode:           "nft",
			OpRecorder:            recorder,
		})
	table.UpdateChains(renderer.StaticFilterTableChains(version))
	for chain, target := range map[string]string{
		"FORWARD": rules.ChainFilterForward, "INPUT": rules.ChainFilterInput, "OUTPUT": rules.ChainFilterOutput,
	} {
		table.InsertOrAppendRules(chain, []iptables.Rule{{Action: iptables.JumpAction{Target: target}}})
	}
	table.AppendRules("FORWARD", renderer.StaticFilterForwardAppendRules())
	table.UpdateChains(renderer.HostDispatchChains(nil, "", true))
	table.UpdateChains(renderer.BlockedCIDRsToIptablesChains(nil, version))
	for _, each := range found.messages {
		setsManager.OnUpdate(each)
		switch message := each.(type) {
		case *proto.ActivePolicyUpdate:
			table.UpdateChains(renderer.PolicyToIptablesChains(message.Id, message.Policy, version))
		case *proto.ActiveProfileUpdate:
			inbound, outbound := renderer.ProfileToIptablesChains(message.Id, message.Profile, version)
			table.UpdateChains([]*iptables.Chain{inbound, outbound})
		}
	}
	marks := rules.NewEndpointMarkMapper(0xffe00000, 0x200000)
	for _, endpoint := range found.endpoints {
		var ingress, egress []*rules.PolicyGroup
		for _, tier := range endpoint.Tiers {
			ingress = append(ingress, groups(tier.IngressPolicies, rules.PolicyDirectionInbound)...)
			egress = append(egress, groups(tier.EgressPolicies, rules.PolicyDirectionOutbound)...)
		}
		table.UpdateChains(renderer.WorkloadEndpointToIptablesChains(
			endpoint.Name, marks, true, ingress, egress, endpoint.ProfileIds))
	}
	table.UpdateChains(renderer.WorkloadDispatchChains(found.endpoints))
	sets.ApplyUpdates()
	table.Apply()
}

func run() error {
	var c cluster
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil {
		return err
	}
	all, err := updates(c)
	if err != nil {
		return err
	}
	felix := config.New()
	felix.FelixHostname = c.Node
	found := calculate(felix, all)
	renderer := rules.NewRenderer(rendererConfig(felix))
	for _, version := range c.Families {
		write(found, renderer, version, logutils.NewSummarizer("lab"))
	}
	return nil
}

func main() {
	logrus.SetLevel(logrus.ErrorLevel)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
