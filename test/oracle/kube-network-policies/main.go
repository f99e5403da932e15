// The judge: kube-network-policies' own evaluation of a packet says whether the policies of a set let it through:
// NetworkPolicies, AdminNetworkPolicies and the BaselineAdminNetworkPolicy. One set with its connections a line in, one
// answer a line out, as JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	_ "unsafe"

	"github.com/sirupsen/logrus"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	npafake "sigs.k8s.io/network-policy-api/pkg/client/clientset/versioned/fake"
	npainformers "sigs.k8s.io/network-policy-api/pkg/client/informers/externalversions"
)

type question struct {
	Namespaces []*core.Namespace                      `json:"namespaces"`
	Pods       []*core.Pod                            `json:"pods"`
	Policies   []*networking.NetworkPolicy            `json:"policies"`
	Admin      []*v1alpha1.AdminNetworkPolicy         `json:"admin"`
	Baseline   []*v1alpha1.BaselineAdminNetworkPolicy `json:"baseline"`
	Packets    []struct {
		Source      string        `json:"source"`
		Destination string        `json:"destination"`
		Port        int           `json:"port"`
		Protocol    core.Protocol `json:"protocol"`
	} `json:"packets"`
}

type answer struct {
	Allowed []bool `json:"allowed,omitempty"`
	Error   string `json:"error,omitempty"`
}

// As in the package: sigs.k8s.io/kube-network-policies/pkg/networkpolicy/packet.go.
type packet struct {
	id      uint32
	family  core.IPFamily
	srcIP   net.IP
	dstIP   net.IP
	proto   core.Protocol
	srcPort int
	dstPort int
	payload []byte
}

//go:linkname evaluatePacket sigs.k8s.io/kube-network-policies/pkg/networkpolicy.(*Controller).evaluatePacket
func evaluatePacket(c *networkpolicy.Controller, ctx context.Context, p packet) bool

// asStored is a policy as it comes from the API server: with its defaults, and without an empty list of rules.
// Source: k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go, SetDefaults_NetworkPolicy and -PolicyPort.
func asStored(policy *networking.NetworkPolicy) *networking.NetworkPolicy {
	if policy.Namespace == "" {
		policy.Namespace = core.NamespaceDefault
	}
	spec := &policy.Spec
	if len(spec.PolicyTypes) == 0 {
		spec.PolicyTypes = []networking.PolicyType{networking.PolicyTypeIngress}
		if len(spec.Egress) > 0 {
			spec.PolicyTypes = append(spec.PolicyTypes, networking.PolicyTypeEgress)
		}
	}
	for _, rule := range spec.Ingress {
		withProtocols(rule.Ports)
	}
	for _, rule := range spec.Egress {
		withProtocols(rule.Ports)
	}
	if len(spec.Ingress) == 0 {
		spec.Ingress = nil
	}
	if len(spec.Egress) == 0 {
		spec.Egress = nil
	}
	return policy
}

func withProtocols(ports []networking.NetworkPolicyPort) {
	tcp := core.ProtocolTCP
	for index := range ports {
		if ports[index].Protocol == nil {
			ports[index].Protocol = &tcp
		}
	}
}

func answerTo(line []byte) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	client, npaClient := fake.NewSimpleClientset(), npafake.NewSimpleClientset()
	factory := informers.NewSharedInformerFactory(client, 0)
	npaFactory := npainformers.NewSharedInformerFactory(npaClient, 0)
	policies := factory.Networking().V1().NetworkPolicies()
	namespaces, pods := factory.Core().V1().Namespaces(), factory.Core().V1().Pods()
	admin := npaFactory.Policy().V1alpha1().AdminNetworkPolicies()
	baseline := npaFactory.Policy().V1alpha1().BaselineAdminNetworkPolicies()
	controller, err := networkpolicy.NewController(client, policies, namespaces, pods,
		factory.Core().V1().Nodes(), npaClient, admin, baseline,
		// Without the container runtime's plug-in it would ask one that isn't there for addresses that are no pod's.
		networkpolicy.Config{AdminNetworkPolicy: true, BaselineAdminNetworkPolicy: true, NodeName: "node-1"})
	if err != nil {
		return answer{Error: err.Error()}
	}
	for _, each := range asked.Namespaces {
		err = namespaces.Informer().GetStore().Add(each)
	}
	for _, each := range asked.Pods {
		err = pods.Informer().GetStore().Add(each)
	}
	for _, each := range asked.Policies {
		err = policies.Informer().GetStore().Add(asStored(each))
	}
	for _, each := range asked.Admin {
		err = admin.Informer().GetStore().Add(each)
	}
	for _, each := range asked.Baseline {
		err = baseline.Informer().GetStore().Add(each)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	for _, each := range asked.Packets {
		made.Allowed = append(made.Allowed, evaluatePacket(controller, context.Background(), packet{
			srcIP: net.ParseIP(each.Source), dstIP: net.ParseIP(each.Destination),
			srcPort: 40000, dstPort: each.Port, proto: each.Protocol,
		}))
	}
	return made
}

func main() {
	klog.InitFlags(flag.CommandLine)
	_ = flag.Set("logtostderr", "false")
	_ = flag.Set("stderrthreshold", "FATAL")
	logrus.SetLevel(logrus.FatalLevel)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<16), 1<<26)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		if err := output.Encode(answerTo(input.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
