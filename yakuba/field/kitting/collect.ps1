# Reads what a PC is and writes it as one JSON file; installs nothing and changes nothing. Run as administrator:
#   powershell -ExecutionPolicy Bypass -File collect.ps1 -Folder \\server\inbox
# What cannot be read is left out: it is then not known, and does not count as right.
param([Parameter(Mandatory)] [string] $Folder)
$ErrorActionPreference = 'Stop'
function Try-Read([scriptblock] $What) { try { & $What } catch { $null } }
$bios = Get-CimInstance Win32_BIOS
$computer = Get-CimInstance Win32_ComputerSystem
$system = Get-CimInstance Win32_OperatingSystem
$registry = 'HKLM:\Software\Microsoft\Windows\CurrentVersion\Uninstall\*',
            'HKLM:\Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*'
$seen = [ordered]@{
    SerialNumber = $bios.SerialNumber.Trim()
    Manufacturer = $computer.Manufacturer
    Model = $computer.Model
    ComputerName = $env:COMPUTERNAME
    OsVersion = $system.Version
    OsBuild = [int]$system.BuildNumber
    TimeZone = (Get-TimeZone).Id
    Locale = (Get-WinSystemLocale).Name
    Volumes = @(Try-Read { Get-BitLockerVolume | ForEach-Object { @{ MountPoint = $_.MountPoint; ProtectionStatus = [int]$_.ProtectionStatus } } })
    Firewall = @(Try-Read { Get-NetFirewallProfile | ForEach-Object { @{ Name = $_.Name; Enabled = [bool]$_.Enabled } } })
    RealTimeProtection = Try-Read { (Get-MpComputerStatus).RealTimeProtectionEnabled }
    SecureBoot = Try-Read { Confirm-SecureBootUEFI }
    LicenseStatus = Try-Read { (Get-CimInstance SoftwareLicensingProduct -Filter "PartialProductKey IS NOT NULL AND Name LIKE 'Windows%'" | Select-Object -First 1).LicenseStatus }
    BatteryHealth = Try-Read {
        $full = (Get-CimInstance -Namespace root/wmi BatteryFullChargedCapacity).FullChargedCapacity
        $new = (Get-CimInstance -Namespace root/wmi BatteryStaticData).DesignedCapacity
        [int](100 * $full / $new)
    }
    HardwareHash = Try-Read { (Get-CimInstance -Namespace root/cimv2/mdm/dmmap MDM_DevDetail_Ext01 -Filter "InstanceID='Ext' AND ParentID='./DevDetail'").DeviceHardwareData }
    FreeDiskMB = Try-Read { [int]((Get-PSDrive C).Free / 1MB) }
    Apps = @(Try-Read { Get-ItemProperty $registry | Where-Object DisplayName | ForEach-Object { @{ Id = $_.DisplayName; Version = $_.DisplayVersion } } })
    Users = @(Try-Read {
        $admins = (Get-LocalGroupMember -SID 'S-1-5-32-544').SID.Value
        Get-LocalUser | Where-Object Enabled | ForEach-Object { @{ Name = $_.Name; Admin = $admins -contains $_.SID.Value } }
    })
    Certificates = @(Try-Read { Get-ChildItem Cert:\LocalMachine\Root, Cert:\LocalMachine\My | ForEach-Object { @{ Subject = $_.Subject; NotAfter = $_.NotAfter.ToString('yyyy-MM-dd') } } })
    Wifi = @(Try-Read { netsh wlan show profiles | Select-String ':\s(\S.*)$' | ForEach-Object { @{ Ssid = $_.Matches[0].Groups[1].Value } } })
}
# an empty list may mean "could not be read": left out, so that it is not taken for "none"
foreach ($name in 'Volumes', 'Firewall', 'Apps', 'Users', 'Certificates') { if ($seen[$name].Count -eq 0) { $seen.Remove($name) } }
foreach ($name in @($seen.Keys)) { if ($null -eq $seen[$name]) { $seen.Remove($name) } }
$file = Join-Path $Folder ("{0}.json" -f ($seen.SerialNumber -replace '[^A-Za-z0-9-]', '_'))
@{ yakuba_windows = $seen } | ConvertTo-Json -Depth 5 | Set-Content -Encoding UTF8 "$file.part"
Move-Item -Force "$file.part" $file
