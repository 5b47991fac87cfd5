using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.ServiceQuotas;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(AwsTime)])]
[JsonSerializable(typeof(GetServiceQuotaRequest))]
[JsonSerializable(typeof(GetServiceQuotaResponse))]
[JsonSerializable(typeof(GetAWSDefaultServiceQuotaRequest))]
[JsonSerializable(typeof(GetAWSDefaultServiceQuotaResponse))]
internal sealed partial class ServiceQuotasJson : JsonSerializerContext;
