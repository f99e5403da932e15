// The judge: kube-proxy's own packages say what rules they would write. One case a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	v1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	sysctl "k8s.io/component-helpers/node/util/sysctl/testing"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/proxy/iptables"
	proxyutil "k8s.io/kubernetes/pkg/proxy/util"
	utiliptables "k8s.io/kubernetes/pkg/util/iptables"
	iptest "k8s.io/kubernetes/pkg/util/iptables/testing"
)

type question struct {
	Services      []v1.Service              `json:"services"`
	Slices        []discovery.EndpointSlice `json:"slices"`
	Node          string                    `json:"node"`
	NodeIP        string                    `json:"nodeIP"`
	Zone          string                    `json:"zone"`
	ClusterCIDR   string                    `json:"clusterCIDR"`
	MasqueradeAll bool                      `json:"masqueradeAll"`
}

func rules(q question) (string, error) {
	fake := iptest.NewFake().SetHasRandomFully(true)
	proxier, err := iptables.NewProxier(context.Background(), v1.IPv4Protocol, fake, sysctl.NewFake(), time.Hour, 0, q.MasqueradeAll, true, 14,
		proxyutil.NewDetectLocalByCIDR(q.ClusterCIDR), q.Node, net.ParseIP(q.NodeIP), nil, nil, nil, false)
	if err != nil {
		return "", err
	}
	if q.Zone != "" {
		proxier.OnTopologyChange(map[string]string{v1.LabelTopologyZone: q.Zone})
	}
	for i := range q.Services {
		proxier.OnServiceAdd(&q.Services[i])
	}
	for i := range q.Slices {
		proxier.OnEndpointSliceAdd(&q.Slices[i])
	}
	proxier.OnServiceSynced()
	proxier.OnEndpointSlicesSynced()
	var text bytes.Buffer
	for _, table := range []utiliptables.Table{utiliptables.TableFilter, utiliptables.TableNAT} {
		if err := fake.SaveInto(table, &text); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}

func main() {
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("logtostderr", "false")
	_ = flags.Set("stderrthreshold", "FATAL")
	klog.SetOutput(bytes.NewBuffer(nil))
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var q question
			answer := map[string]string{}
			if problem := json.Unmarshal(line, &q); problem != nil {
				answer["error"] = problem.Error()
			} else if text, problem := rules(q); problem != nil {
				answer["error"] = problem.Error()
			} else {
				answer["rules"] = text
			}
			if problem := answers.Encode(answer); problem != nil {
				fmt.Fprintln(os.Stderr, problem)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}
