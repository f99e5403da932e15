// The judge: kube-proxy's own packages say what rules they would write. One case a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	v1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/klog/v2"
)

type question struct {
	Validate           json.RawMessage           `json:"validate"`
	Create             json.RawMessage           `json:"create"`
	Types              bool                      `json:"types"`
	Mode               string                    `json:"mode"`
	Family             v1.IPFamily               `json:"family"`
	Services           []v1.Service              `json:"services"`
	Slices             []discovery.EndpointSlice `json:"slices"`
	Node               string                    `json:"node"`
	NodeIP             string                    `json:"nodeIP"`
	Addresses          []string                  `json:"addresses"`
	Zone               string                    `json:"zone"`
	LocalRange         string                    `json:"localRange"`
	ServiceCIDRs       []string                  `json:"serviceCIDRs"`
	NodePortAddresses  []string                  `json:"nodePortAddresses"`
	LocalhostNodePorts bool                      `json:"localhostNodePorts"`
	MasqueradeAll      bool                      `json:"masqueradeAll"`
}

type proxier interface {
	OnTopologyChange(map[string]string)
	OnServiceCIDRsChanged([]string)
	OnServiceAdd(*v1.Service)
	OnEndpointSliceAdd(*discovery.EndpointSlice)
	OnServiceSynced()
	OnEndpointSlicesSynced()
}

func rules(q question) (string, error) {
	var p proxier
	var text func() (string, error)
	var err error
	switch q.Mode {
	case "iptables":
		p, text, err = iptablesProxier(q)
	case "nftables":
		p, text, err = nftablesProxier(q)
	default:
		err = fmt.Errorf("no mode %q", q.Mode)
	}
	if err != nil {
		return "", err
	}
	if q.Zone != "" {
		p.OnTopologyChange(map[string]string{v1.LabelTopologyZone: q.Zone})
	}
	p.OnServiceCIDRsChanged(q.ServiceCIDRs)
	for i := range q.Services {
		p.OnServiceAdd(&q.Services[i])
	}
	for i := range q.Slices {
		p.OnEndpointSliceAdd(&q.Slices[i])
	}
	p.OnServiceSynced()
	p.OnEndpointSlicesSynced()
	return text()
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
			answer := map[string]any{}
			if problem := json.Unmarshal(line, &q); problem != nil {
				answer["error"] = problem.Error()
			} else if q.Validate != nil {
				if errors, problem := validate(q.Validate); problem != nil {
					answer["error"] = problem.Error()
				} else {
					answer["errors"] = errors
				}
			} else if q.Types {
				answer["types"] = apiTypes()
			} else if q.Create != nil {
				if errors, problem := allocate(q.Create); problem != nil {
					answer["error"] = problem.Error()
				} else {
					answer["refusals"] = errors
				}
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
