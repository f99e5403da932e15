/**
 * The fields of the judged kinds' types and of all that they hold, as the API's Go types have them: k8s.io/api
 * and k8s.io/apimachinery 0.36.3. `[T]` is a list, `{T}` a map by name; a type of another group than the core
 * has that before its name. `UPDATE=1 npx vitest run test/oracle/apiTypes.test.ts` makes this file, by
 * `test/oracle/api_types.go`.
 */
export const apiTypes = `
AWSElasticBlockStoreVolumeSource volumeID:text fsType:text partition:int32 readOnly:boolean
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AppArmorProfile type:text localhostProfile:text
AzureDiskVolumeSource diskName:text diskURI:text cachingMode:text fsType:text readOnly:boolean kind:text
AzureFileVolumeSource secretName:text shareName:text readOnly:boolean
CSIVolumeSource driver:text readOnly:boolean fsType:text volumeAttributes:{text}
 nodePublishSecretRef:LocalObjectReference
Capabilities add:[text] drop:[text]
CephFSVolumeSource monitors:[text] path:text user:text secretFile:text secretRef:LocalObjectReference
 readOnly:boolean
CinderVolumeSource volumeID:text fsType:text readOnly:boolean secretRef:LocalObjectReference
ClientIPConfig timeoutSeconds:int32
ClusterTrustBundleProjection name:text signerName:text labelSelector:LabelSelector optional:boolean path:text
ConfigMap kind:text apiVersion:text metadata:ObjectMeta immutable:boolean data:{text} binaryData:{base64}
ConfigMapEnvSource name:text optional:boolean
ConfigMapKeySelector name:text key:text optional:boolean
ConfigMapProjection name:text items:[KeyToPath] optional:boolean
ConfigMapVolumeSource name:text items:[KeyToPath] defaultMode:int32 optional:boolean
Container name:text image:text command:[text] args:[text] workingDir:text ports:[ContainerPort]
 envFrom:[EnvFromSource] env:[EnvVar] resources:ResourceRequirements resizePolicy:[ContainerResizePolicy]
 restartPolicy:text restartPolicyRules:[ContainerRestartRule] volumeMounts:[VolumeMount]
 volumeDevices:[VolumeDevice] livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle
 terminationMessagePath:text terminationMessagePolicy:text imagePullPolicy:text securityContext:SecurityContext
 stdin:boolean stdinOnce:boolean tty:boolean
ContainerPort name:text hostPort:int32 containerPort:int32 protocol:text hostIP:text
ContainerResizePolicy resourceName:text restartPolicy:text
ContainerRestartRule action:text exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator:text values:[int32]
DownwardAPIProjection items:[DownwardAPIVolumeFile]
DownwardAPIVolumeFile path:text fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector mode:int32
DownwardAPIVolumeSource items:[DownwardAPIVolumeFile] defaultMode:int32
EmptyDirVolumeSource medium:text sizeLimit:quantity
EndpointAddress ip:text hostname:text nodeName:text targetRef:ObjectReference
EndpointPort name:text port:int32 protocol:text appProtocol:text
EndpointSubset addresses:[EndpointAddress] notReadyAddresses:[EndpointAddress] ports:[EndpointPort]
Endpoints kind:text apiVersion:text metadata:ObjectMeta subsets:[EndpointSubset]
EnvFromSource prefix:text configMapRef:ConfigMapEnvSource secretRef:SecretEnvSource
EnvVar name:text value:text valueFrom:EnvVarSource
EnvVarSource fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector
 configMapKeyRef:ConfigMapKeySelector secretKeyRef:SecretKeySelector fileKeyRef:FileKeySelector
EphemeralContainer name:text image:text command:[text] args:[text] workingDir:text ports:[ContainerPort]
 envFrom:[EnvFromSource] env:[EnvVar] resources:ResourceRequirements resizePolicy:[ContainerResizePolicy]
 restartPolicy:text restartPolicyRules:[ContainerRestartRule] volumeMounts:[VolumeMount]
 volumeDevices:[VolumeDevice] livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle
 terminationMessagePath:text terminationMessagePolicy:text imagePullPolicy:text securityContext:SecurityContext
 stdin:boolean stdinOnce:boolean tty:boolean targetContainerName:text
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
ExecAction command:[text]
FCVolumeSource targetWWNs:[text] lun:int32 fsType:text readOnly:boolean wwids:[text]
FileKeySelector volumeName:text path:text key:text optional:boolean
FlexVolumeSource driver:text fsType:text secretRef:LocalObjectReference readOnly:boolean options:{text}
FlockerVolumeSource datasetName:text datasetUUID:text
GCEPersistentDiskVolumeSource pdName:text fsType:text partition:int32 readOnly:boolean
GRPCAction port:int32 service:text
GitRepoVolumeSource repository:text revision:text directory:text
GlusterfsVolumeSource endpoints:text path:text readOnly:boolean
HTTPGetAction path:text port:integer-or-text host:text scheme:text httpHeaders:[HTTPHeader]
HTTPHeader name:text value:text
HostAlias ip:text hostnames:[text]
HostPathVolumeSource path:text type:text
ISCSIVolumeSource targetPortal:text iqn:text lun:int32 iscsiInterface:text fsType:text readOnly:boolean
 portals:[text] chapAuthDiscovery:boolean chapAuthSession:boolean secretRef:LocalObjectReference
 initiatorName:text
ImageVolumeSource reference:text pullPolicy:text
KeyToPath key:text path:text mode:int32
LabelSelector matchLabels:{text} matchExpressions:[LabelSelectorRequirement]
LabelSelectorRequirement key:text operator:text values:[text]
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:text
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction sleep:SleepAction
LocalObjectReference name:text
ManagedFieldsEntry manager:text operation:text apiVersion:text time:time fieldsType:text fieldsV1:anything
 subresource:text
NFSVolumeSource server:text path:text readOnly:boolean
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
 preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
NodeSelector nodeSelectorTerms:[NodeSelectorTerm]
NodeSelectorRequirement key:text operator:text values:[text]
NodeSelectorTerm matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]
ObjectFieldSelector apiVersion:text fieldPath:text
ObjectMeta name:text generateName:text namespace:text selfLink:text uid:text resourceVersion:text
 generation:int64 creationTimestamp:time deletionTimestamp:time deletionGracePeriodSeconds:int64 labels:{text}
 annotations:{text} ownerReferences:[OwnerReference] finalizers:[text] managedFields:[ManagedFieldsEntry]
ObjectReference kind:text namespace:text name:text uid:text apiVersion:text resourceVersion:text
 fieldPath:text
OwnerReference apiVersion:text kind:text name:text uid:text controller:boolean blockOwnerDeletion:boolean
PersistentVolumeClaim kind:text apiVersion:text metadata:ObjectMeta spec:PersistentVolumeClaimSpec
 status:anything
PersistentVolumeClaimSpec accessModes:[text] selector:LabelSelector resources:VolumeResourceRequirements
 volumeName:text storageClassName:text volumeMode:text dataSource:TypedLocalObjectReference
 dataSourceRef:TypedObjectReference volumeAttributesClassName:text
PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName:text readOnly:boolean
PhotonPersistentDiskVolumeSource pdID:text fsType:text
Pod kind:text apiVersion:text metadata:ObjectMeta spec:PodSpec status:anything
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
 preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
PodAffinityTerm labelSelector:LabelSelector namespaces:[text] topologyKey:text namespaceSelector:LabelSelector
 matchLabelKeys:[text] mismatchLabelKeys:[text]
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
 preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
PodCertificateProjection signerName:text keyType:text maxExpirationSeconds:int32 credentialBundlePath:text
 keyPath:text certificateChainPath:text userAnnotations:{text}
PodDNSConfig nameservers:[text] searches:[text] options:[PodDNSConfigOption]
PodDNSConfigOption name:text value:text
PodOS name:text
PodReadinessGate conditionType:text
PodResourceClaim name:text resourceClaimName:text resourceClaimTemplateName:text
PodSchedulingGate name:text
PodSchedulingGroup podGroupName:text
PodSecurityContext seLinuxOptions:SELinuxOptions windowsOptions:WindowsSecurityContextOptions runAsUser:int64
 runAsGroup:int64 runAsNonRoot:boolean supplementalGroups:[int64] supplementalGroupsPolicy:text fsGroup:int64
 sysctls:[Sysctl] fsGroupChangePolicy:text seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
 seLinuxChangePolicy:text
PodSpec volumes:[Volume] initContainers:[Container] containers:[Container]
 ephemeralContainers:[EphemeralContainer] restartPolicy:text terminationGracePeriodSeconds:int64
 activeDeadlineSeconds:int64 dnsPolicy:text nodeSelector:{text} serviceAccountName:text serviceAccount:text
 automountServiceAccountToken:boolean nodeName:text hostNetwork:boolean hostPID:boolean hostIPC:boolean
 shareProcessNamespace:boolean securityContext:PodSecurityContext imagePullSecrets:[LocalObjectReference]
 hostname:text subdomain:text affinity:Affinity schedulerName:text tolerations:[Toleration]
 hostAliases:[HostAlias] priorityClassName:text priority:int32 dnsConfig:PodDNSConfig
 readinessGates:[PodReadinessGate] runtimeClassName:text enableServiceLinks:boolean preemptionPolicy:text
 overhead:{quantity} topologySpreadConstraints:[TopologySpreadConstraint] setHostnameAsFQDN:boolean os:PodOS
 hostUsers:boolean schedulingGates:[PodSchedulingGate] resourceClaims:[PodResourceClaim]
 resources:ResourceRequirements hostnameOverride:text schedulingGroup:PodSchedulingGroup
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PortworxVolumeSource volumeID:text fsType:text readOnly:boolean
PreferredSchedulingTerm weight:int32 preference:NodeSelectorTerm
Probe exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction
 initialDelaySeconds:int32 timeoutSeconds:int32 periodSeconds:int32 successThreshold:int32
 failureThreshold:int32 terminationGracePeriodSeconds:int64
ProjectedVolumeSource sources:[VolumeProjection] defaultMode:int32
QuobyteVolumeSource registry:text volume:text readOnly:boolean user:text group:text tenant:text
RBDVolumeSource monitors:[text] image:text fsType:text pool:text user:text keyring:text
 secretRef:LocalObjectReference readOnly:boolean
ReplicationController kind:text apiVersion:text metadata:ObjectMeta spec:ReplicationControllerSpec
 status:anything
ReplicationControllerSpec replicas:int32 minReadySeconds:int32 selector:{text} template:PodTemplateSpec
ResourceClaim name:text request:text
ResourceFieldSelector containerName:text resource:text divisor:quantity
ResourceRequirements limits:{quantity} requests:{quantity} claims:[ResourceClaim]
SELinuxOptions user:text role:text type:text level:text
ScaleIOVolumeSource gateway:text system:text secretRef:LocalObjectReference sslEnabled:boolean
 protectionDomain:text storagePool:text storageMode:text volumeName:text fsType:text readOnly:boolean
SeccompProfile type:text localhostProfile:text
Secret kind:text apiVersion:text metadata:ObjectMeta immutable:boolean data:{base64} stringData:{text}
 type:text
SecretEnvSource name:text optional:boolean
SecretKeySelector name:text key:text optional:boolean
SecretProjection name:text items:[KeyToPath] optional:boolean
SecretVolumeSource secretName:text items:[KeyToPath] defaultMode:int32 optional:boolean
SecurityContext capabilities:Capabilities privileged:boolean seLinuxOptions:SELinuxOptions
 windowsOptions:WindowsSecurityContextOptions runAsUser:int64 runAsGroup:int64 runAsNonRoot:boolean
 readOnlyRootFilesystem:boolean allowPrivilegeEscalation:boolean procMount:text seccompProfile:SeccompProfile
 appArmorProfile:AppArmorProfile
Service kind:text apiVersion:text metadata:ObjectMeta spec:ServiceSpec status:anything
ServiceAccountTokenProjection audience:text expirationSeconds:int64 path:text
ServicePort name:text protocol:text appProtocol:text port:int32 targetPort:integer-or-text nodePort:int32
ServiceSpec ports:[ServicePort] selector:{text} clusterIP:text clusterIPs:[text] type:text externalIPs:[text]
 sessionAffinity:text loadBalancerIP:text loadBalancerSourceRanges:[text] externalName:text
 externalTrafficPolicy:text healthCheckNodePort:int32 publishNotReadyAddresses:boolean
 sessionAffinityConfig:SessionAffinityConfig ipFamilies:[text] ipFamilyPolicy:text
 allocateLoadBalancerNodePorts:boolean loadBalancerClass:text internalTrafficPolicy:text
 trafficDistribution:text
SessionAffinityConfig clientIP:ClientIPConfig
SleepAction seconds:int64
StorageOSVolumeSource volumeName:text volumeNamespace:text fsType:text readOnly:boolean
 secretRef:LocalObjectReference
Sysctl name:text value:text
TCPSocketAction port:integer-or-text host:text
Toleration key:text operator:text value:text effect:text tolerationSeconds:int64
TopologySpreadConstraint maxSkew:int32 topologyKey:text whenUnsatisfiable:text labelSelector:LabelSelector
 minDomains:int32 nodeAffinityPolicy:text nodeTaintsPolicy:text matchLabelKeys:[text]
TypedLocalObjectReference apiGroup:text kind:text name:text
TypedObjectReference apiGroup:text kind:text name:text namespace:text
Volume name:text hostPath:HostPathVolumeSource emptyDir:EmptyDirVolumeSource
 gcePersistentDisk:GCEPersistentDiskVolumeSource awsElasticBlockStore:AWSElasticBlockStoreVolumeSource
 gitRepo:GitRepoVolumeSource secret:SecretVolumeSource nfs:NFSVolumeSource iscsi:ISCSIVolumeSource
 glusterfs:GlusterfsVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource rbd:RBDVolumeSource
 flexVolume:FlexVolumeSource cinder:CinderVolumeSource cephfs:CephFSVolumeSource flocker:FlockerVolumeSource
 downwardAPI:DownwardAPIVolumeSource fc:FCVolumeSource azureFile:AzureFileVolumeSource
 configMap:ConfigMapVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource quobyte:QuobyteVolumeSource
 azureDisk:AzureDiskVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
 projected:ProjectedVolumeSource portworxVolume:PortworxVolumeSource scaleIO:ScaleIOVolumeSource
 storageos:StorageOSVolumeSource csi:CSIVolumeSource ephemeral:EphemeralVolumeSource image:ImageVolumeSource
VolumeDevice name:text devicePath:text
VolumeMount name:text readOnly:boolean recursiveReadOnly:text mountPath:text subPath:text
 mountPropagation:text subPathExpr:text
VolumeProjection secret:SecretProjection downwardAPI:DownwardAPIProjection configMap:ConfigMapProjection
 serviceAccountToken:ServiceAccountTokenProjection clusterTrustBundle:ClusterTrustBundleProjection
 podCertificate:PodCertificateProjection
VolumeResourceRequirements limits:{quantity} requests:{quantity}
VsphereVirtualDiskVolumeSource volumePath:text fsType:text storagePolicyName:text storagePolicyID:text
WeightedPodAffinityTerm weight:int32 podAffinityTerm:PodAffinityTerm
WindowsSecurityContextOptions gmsaCredentialSpecName:text gmsaCredentialSpec:text runAsUserName:text
 hostProcess:boolean
apps.DaemonSet kind:text apiVersion:text metadata:ObjectMeta spec:apps.DaemonSetSpec status:anything
apps.DaemonSetSpec selector:LabelSelector template:PodTemplateSpec updateStrategy:apps.DaemonSetUpdateStrategy
 minReadySeconds:int32 revisionHistoryLimit:int32
apps.DaemonSetUpdateStrategy type:text rollingUpdate:apps.RollingUpdateDaemonSet
apps.Deployment kind:text apiVersion:text metadata:ObjectMeta spec:apps.DeploymentSpec status:anything
apps.DeploymentSpec replicas:int32 selector:LabelSelector template:PodTemplateSpec
 strategy:apps.DeploymentStrategy minReadySeconds:int32 revisionHistoryLimit:int32 paused:boolean
 progressDeadlineSeconds:int32
apps.DeploymentStrategy type:text rollingUpdate:apps.RollingUpdateDeployment
apps.ReplicaSet kind:text apiVersion:text metadata:ObjectMeta spec:apps.ReplicaSetSpec status:anything
apps.ReplicaSetSpec replicas:int32 minReadySeconds:int32 selector:LabelSelector template:PodTemplateSpec
apps.RollingUpdateDaemonSet maxUnavailable:integer-or-text maxSurge:integer-or-text
apps.RollingUpdateDeployment maxUnavailable:integer-or-text maxSurge:integer-or-text
apps.RollingUpdateStatefulSetStrategy partition:int32 maxUnavailable:integer-or-text
apps.StatefulSet kind:text apiVersion:text metadata:ObjectMeta spec:apps.StatefulSetSpec status:anything
apps.StatefulSetOrdinals start:int32
apps.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:text whenScaled:text
apps.StatefulSetSpec replicas:int32 selector:LabelSelector template:PodTemplateSpec
 volumeClaimTemplates:[PersistentVolumeClaim] serviceName:text podManagementPolicy:text
 updateStrategy:apps.StatefulSetUpdateStrategy revisionHistoryLimit:int32 minReadySeconds:int32
 persistentVolumeClaimRetentionPolicy:apps.StatefulSetPersistentVolumeClaimRetentionPolicy
 ordinals:apps.StatefulSetOrdinals
apps.StatefulSetUpdateStrategy type:text rollingUpdate:apps.RollingUpdateStatefulSetStrategy
autoscaling.ContainerResourceMetricSource name:text target:autoscaling.MetricTarget container:text
autoscaling.CrossVersionObjectReference kind:text name:text apiVersion:text
autoscaling.ExternalMetricSource metric:autoscaling.MetricIdentifier target:autoscaling.MetricTarget
autoscaling.HPAScalingPolicy type:text value:int32 periodSeconds:int32
autoscaling.HPAScalingRules stabilizationWindowSeconds:int32 selectPolicy:text
 policies:[autoscaling.HPAScalingPolicy] tolerance:quantity
autoscaling.HorizontalPodAutoscaler kind:text apiVersion:text metadata:ObjectMeta
 spec:autoscaling.HorizontalPodAutoscalerSpec status:anything
autoscaling.HorizontalPodAutoscalerBehavior scaleUp:autoscaling.HPAScalingRules
 scaleDown:autoscaling.HPAScalingRules
autoscaling.HorizontalPodAutoscalerSpec scaleTargetRef:autoscaling.CrossVersionObjectReference
 minReplicas:int32 maxReplicas:int32 metrics:[autoscaling.MetricSpec]
 behavior:autoscaling.HorizontalPodAutoscalerBehavior
autoscaling.MetricIdentifier name:text selector:LabelSelector
autoscaling.MetricSpec type:text object:autoscaling.ObjectMetricSource pods:autoscaling.PodsMetricSource
 resource:autoscaling.ResourceMetricSource containerResource:autoscaling.ContainerResourceMetricSource
 external:autoscaling.ExternalMetricSource
autoscaling.MetricTarget type:text value:quantity averageValue:quantity averageUtilization:int32
autoscaling.ObjectMetricSource describedObject:autoscaling.CrossVersionObjectReference
 target:autoscaling.MetricTarget metric:autoscaling.MetricIdentifier
autoscaling.PodsMetricSource metric:autoscaling.MetricIdentifier target:autoscaling.MetricTarget
autoscaling.ResourceMetricSource name:text target:autoscaling.MetricTarget
batch.CronJob kind:text apiVersion:text metadata:ObjectMeta spec:batch.CronJobSpec status:anything
batch.CronJobSpec schedule:text timeZone:text startingDeadlineSeconds:int64 concurrencyPolicy:text
 suspend:boolean jobTemplate:batch.JobTemplateSpec successfulJobsHistoryLimit:int32
 failedJobsHistoryLimit:int32
batch.Job kind:text apiVersion:text metadata:ObjectMeta spec:batch.JobSpec status:anything
batch.JobSpec parallelism:int32 completions:int32 activeDeadlineSeconds:int64
 podFailurePolicy:batch.PodFailurePolicy successPolicy:batch.SuccessPolicy backoffLimit:int32
 backoffLimitPerIndex:int32 maxFailedIndexes:int32 selector:LabelSelector manualSelector:boolean
 template:PodTemplateSpec ttlSecondsAfterFinished:int32 completionMode:text suspend:boolean
 podReplacementPolicy:text managedBy:text
batch.JobTemplateSpec metadata:ObjectMeta spec:batch.JobSpec
batch.PodFailurePolicy rules:[batch.PodFailurePolicyRule]
batch.PodFailurePolicyOnExitCodesRequirement containerName:text operator:text values:[int32]
batch.PodFailurePolicyOnPodConditionsPattern type:text status:text
batch.PodFailurePolicyRule action:text onExitCodes:batch.PodFailurePolicyOnExitCodesRequirement
 onPodConditions:[batch.PodFailurePolicyOnPodConditionsPattern]
batch.SuccessPolicy rules:[batch.SuccessPolicyRule]
batch.SuccessPolicyRule succeededIndexes:text succeededCount:int32
discovery.Endpoint addresses:[text] conditions:discovery.EndpointConditions hostname:text
 targetRef:ObjectReference deprecatedTopology:{text} nodeName:text zone:text hints:discovery.EndpointHints
discovery.EndpointConditions ready:boolean serving:boolean terminating:boolean
discovery.EndpointHints forZones:[discovery.ForZone] forNodes:[discovery.ForNode]
discovery.EndpointPort name:text protocol:text port:int32 appProtocol:text
discovery.EndpointSlice kind:text apiVersion:text metadata:ObjectMeta addressType:text
 endpoints:[discovery.Endpoint] ports:[discovery.EndpointPort]
discovery.ForNode name:text
discovery.ForZone name:text
networking.HTTPIngressPath path:text pathType:text backend:networking.IngressBackend
networking.HTTPIngressRuleValue paths:[networking.HTTPIngressPath]
networking.IPBlock cidr:text except:[text]
networking.Ingress kind:text apiVersion:text metadata:ObjectMeta spec:networking.IngressSpec status:anything
networking.IngressBackend service:networking.IngressServiceBackend resource:TypedLocalObjectReference
networking.IngressClass kind:text apiVersion:text metadata:ObjectMeta spec:networking.IngressClassSpec
networking.IngressClassParametersReference apiGroup:text kind:text name:text scope:text namespace:text
networking.IngressClassSpec controller:text parameters:networking.IngressClassParametersReference
networking.IngressRule host:text http:networking.HTTPIngressRuleValue
networking.IngressServiceBackend name:text port:networking.ServiceBackendPort
networking.IngressSpec ingressClassName:text defaultBackend:networking.IngressBackend
 tls:[networking.IngressTLS] rules:[networking.IngressRule]
networking.IngressTLS hosts:[text] secretName:text
networking.NetworkPolicy kind:text apiVersion:text metadata:ObjectMeta spec:networking.NetworkPolicySpec
networking.NetworkPolicyEgressRule ports:[networking.NetworkPolicyPort] to:[networking.NetworkPolicyPeer]
networking.NetworkPolicyIngressRule ports:[networking.NetworkPolicyPort] from:[networking.NetworkPolicyPeer]
networking.NetworkPolicyPeer podSelector:LabelSelector namespaceSelector:LabelSelector
 ipBlock:networking.IPBlock
networking.NetworkPolicyPort protocol:text port:integer-or-text endPort:int32
networking.NetworkPolicySpec podSelector:LabelSelector ingress:[networking.NetworkPolicyIngressRule]
 egress:[networking.NetworkPolicyEgressRule] policyTypes:[text]
networking.ServiceBackendPort name:text number:int32
policy.PodDisruptionBudget kind:text apiVersion:text metadata:ObjectMeta spec:policy.PodDisruptionBudgetSpec
 status:anything
policy.PodDisruptionBudgetSpec minAvailable:integer-or-text selector:LabelSelector
 maxUnavailable:integer-or-text unhealthyPodEvictionPolicy:text
`;
